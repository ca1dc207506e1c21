// Every figure of a trader, in groups, each with its definition.
import type { Trader } from '../api_types';
import { exact, words } from '../format';
import { figureText, type Value } from '../parts/figure_text';
import { Panel } from '../parts/panel';
import { Skeleton } from '../parts/states';
import { Term, useDefinitions } from '../parts/term';
import { useClock } from '../settings';

// A figure belongs to the first group whose pattern its name meets.
const GROUPS: [string, RegExp][] = [
    ['The rest', /^gap|^direction_|^unknown|^left|^class/],
    ['Markouts', /markout/],
    ['Liquidations', /liq|adl|victim/],
    ['Episodes', /^episode|^payoff|^pnl_concentration|^open_position/],
    ['Holding', /hold|loss_cut|disposition|loss_chasing|half_life|turnover/],
    ['Risk', /sharpe|sortino|drawdown|mdd|consistency|days_up|max_position|peak_gross/],
    ['Profit', /pnl|profit|gross_loss|win|losing|edge|fees?_|_fees/],
    ['Direction', /long_|short_|taker_|avg_down|momentum/],
    ['Style', /maker|slippage|two_sided|entropy|round|interorder|burst|sleep|hhi|share/],
    ['Activity', /count|volume|trade|days|coins|order/],
    ['The rest', /./],
];

export function groupOf(name: string): string {
    return GROUPS.find(([, pattern]) => pattern.test(name))![0];
}

export function AllFigures({ trader }: { trader: Trader }) {
    const zone = useClock();
    const definitions = useDefinitions('Trader');
    if (!definitions) return <Skeleton rows={12} />;
    const names = Object.keys(definitions).filter((name) => name !== 'user_address');
    const values = trader as unknown as Record<string, Value>;
    const order = [
        'Profit',
        'Risk',
        'Episodes',
        'Holding',
        'Activity',
        'Style',
        'Direction',
        'Markouts',
        'Liquidations',
        'The rest',
    ];
    return (
        <div class="grid figures-grid">
            {order.map((group) => (
                <Panel key={group} title={group}>
                    <dl class="all-figures">
                        {names
                            .filter((name) => groupOf(name) === group)
                            .map((name) => (
                                <div key={name}>
                                    <dt>
                                        <Term table="Trader" name={name}>
                                            {words(name)}
                                        </Term>
                                    </dt>
                                    <dd title={exact(values[name] as string)}>
                                        {figureText(values[name], definitions[name]!, zone)}
                                    </dd>
                                </div>
                            ))}
                    </dl>
                </Panel>
            ))}
        </div>
    );
}
