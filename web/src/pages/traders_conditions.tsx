// Conditions on the list of traders.
import { useEffect, useState } from 'preact/hooks';
import { url, useAnswer } from '../api';
import type { Answers } from '../api_types';
import { className } from '../format';
import { Icon } from '../parts/icons';
import { setQuery } from '../router';
import { useLatest } from '../store';

const CLASSES = [
    'SMART_DIRECTIONAL',
    'HFT',
    'LIQUIDATOR',
    'LONG_HOLD_LOW_TURNOVER',
    'RETAIL',
    'INSUFFICIENT_DATA',
    'PROTOCOL',
];

interface Condition {
    name: string;
    label: string;
    hint: string;
    scale?: number; // what is typed, times this, is what is asked
}
const CONDITIONS: Condition[] = [
    { name: 'min_volume', label: 'Volume ≥', hint: 'USD' },
    { name: 'min_net_pnl', label: 'Net PnL ≥', hint: 'USD' },
    { name: 'min_sharpe', label: 'Sharpe ≥', hint: '1.5' },
    { name: 'min_win_rate', label: 'Win rate ≥', hint: '%', scale: 0.01 },
    { name: 'min_hold', label: 'Hold ≥', hint: 'minutes' },
    { name: 'min_fills', label: 'Fills ≥', hint: '100' },
    { name: 'min_coins', label: 'Coins ≥', hint: '3' },
    { name: 'min_days', label: 'Days ≥', hint: '14' },
];

/** Text that is taken over when the typing pauses. */
function Field({ condition, value }: { condition: Condition; value: string }) {
    const scale = condition.scale ?? 1;
    const asTyped = value === '' ? '' : String(Number((Number(value) / scale).toPrecision(12)));
    const [text, setText] = useState(asTyped);
    useEffect(() => setText(asTyped), [asTyped]);
    const plain = text.trim().replace(/[,_\s]/g, '');
    const isNumber = plain === '' || /^\d{1,15}(\.\d{1,8})?$/.test(plain);
    const take = useLatest(() => {
        if (text === asTyped || !isNumber) return;
        const next = plain === '' ? null : scale === 1 ? plain : String(Number((Number(plain) * scale).toFixed(6)));
        setQuery({ [condition.name]: next });
    });
    useEffect(() => {
        const timer = setTimeout(() => take.current(), 350);
        return () => clearTimeout(timer);
    }, [text, take]);
    return (
        <label class="field">
            <span>{condition.label}</span>
            <input
                inputMode="decimal"
                placeholder={condition.hint}
                value={text}
                aria-invalid={!isNumber}
                onInput={(event) => setText(event.currentTarget.value)}
            />
        </label>
    );
}

export function Filters({ query }: { query: URLSearchParams }) {
    const clusters = useAnswer<Answers['listClusters']>(url('/clusters')).data?.clusters ?? [];
    const used = [...query.keys()].filter(
        (name) => name.startsWith('min_') || ['class', 'cluster', 'prefix', 'active_since'].includes(name),
    );
    return (
        <form class="filters" aria-label="Conditions" onSubmit={(event) => event.preventDefault()}>
            <label class="field">
                <span>Class</span>
                <select
                    value={query.get('class') ?? ''}
                    onChange={(event) => setQuery({ class: event.currentTarget.value })}
                >
                    <option value="">Any</option>
                    {CLASSES.map((name) => (
                        <option key={name} value={name}>
                            {className(name)}
                        </option>
                    ))}
                </select>
            </label>
            {clusters.length > 0 && (
                <label class="field">
                    <span>Cluster</span>
                    <select
                        value={query.get('cluster') ?? ''}
                        onChange={(event) => setQuery({ cluster: event.currentTarget.value })}
                    >
                        <option value="">Any</option>
                        {clusters.map((cluster) => (
                            <option key={cluster.id} value={String(cluster.id)}>
                                {cluster.name}
                            </option>
                        ))}
                    </select>
                </label>
            )}
            {CONDITIONS.map((condition) => (
                <Field key={condition.name} condition={condition} value={query.get(condition.name) ?? ''} />
            ))}
            <label class="field">
                <span>Active since</span>
                <input
                    type="date"
                    value={query.get('active_since') ?? ''}
                    onChange={(event) => setQuery({ active_since: event.currentTarget.value })}
                />
            </label>
            {used.length > 0 && (
                <button
                    type="button"
                    class="quiet"
                    onClick={() => setQuery(Object.fromEntries(used.map((name) => [name, null])))}
                >
                    <Icon name="close" />
                    Clear {used.length}
                </button>
            )}
        </form>
    );
}
