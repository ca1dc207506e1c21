// Colouring the map by a figure: which one, and what its colours mean.
import { useState } from 'preact/hooks';
import { url, useAnswer, type Answer } from '../api';
import type { Answers } from '../api_types';
import { count } from '../format';
import { cssOf, rampOf } from '../map/ramp';
import { alignOf, withRoom, type Scale } from '../map/scale';
import { figureText } from '../parts/figure_text';
import { FigureList } from '../parts/figure_list';
import { Panel } from '../parts/panel';
import { Failure, Skeleton } from '../parts/states';
import { Term, useChoices, useDefinitions } from '../parts/term';
import { setQuery } from '../router';
import { darkNow } from '../settings';
import { useStore } from '../store';
import { labelOf } from './traders_columns';

const PATH = '/clusters/map/{figure}';
const LETTER = 0.022; // of the legend's width, at most

export type MapFigure = Answers['mapFigure'];

/** A figure of everybody on the map; null: none is asked. */
export const useMapFigure = (name: string | null): Answer<MapFigure> =>
    useAnswer<MapFigure>(name === null ? null : url(PATH.replace('{figure}', encodeURIComponent(name))));

/** A value of a figure as its unit wants it. */
export function useFigureText(name: string | null): (value: number | string | null | undefined) => string {
    const definitions = useDefinitions('Trader');
    const definition = name === null ? undefined : definitions?.[name];
    return (value) => figureText(value, definition ?? {}, 'utc');
}

export function FigureChoice({ name }: { name: string }) {
    const [isOpen, setOpen] = useState(false);
    const definitions = useDefinitions('Trader');
    const names = useChoices(PATH, 'figure');
    return (
        <div class="figure-choice">
            <button type="button" class="quiet" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
                {labelOf(name)} <span aria-hidden="true">▾</span>
            </button>
            {isOpen && (
                <FigureList
                    label="Figure"
                    names={names ?? []}
                    definitions={definitions}
                    isChosen={(one) => one === name}
                    onChoose={(one) => setQuery({ by: one })}
                    onClose={() => setOpen(false)}
                />
            )}
        </div>
    );
}

const gradient = (isSigned: boolean, dark: boolean) =>
    `linear-gradient(to right, ${rampOf(isSigned, dark)
        .filter((_, i) => i % 15 === 0)
        .map(cssOf)
        .join(', ')})`;

function Ramp({ scale, textOf }: { scale: Scale; textOf: (value: number) => string }) {
    const dark = useStore(darkNow);
    const ticks = withRoom(scale.ticks, (tick) => LETTER * (1 + textOf(tick.value).length));
    return (
        <div class="ramp">
            <i style={{ background: gradient(scale.isSigned, dark) }} />
            <ol>
                {ticks.map((tick) => (
                    <li
                        key={tick.at}
                        style={{ left: `${tick.at * 100}%`, transform: `translateX(${-100 * alignOf(tick.at)}%)` }}
                    >
                        {textOf(tick.value)}
                    </li>
                ))}
            </ol>
        </div>
    );
}

function meaningOf(scale: Scale, textOf: (value: number) => string): string {
    if (scale.isSigned)
        return `${count(scale.below)} below zero, ${count(scale.above)} above. By rank on each side; the marks between are medians.`;
    if (scale.floor) return `${count(scale.floor)} have ${textOf(scale.ticks[0]!.value)}; the others by rank.`;
    return scale.ticks.length === 5 ? 'By rank: a quarter of the traders is between two marks.' : 'By rank.';
}

export function FigureLegend({
    name,
    answer,
    scale,
}: {
    name: string;
    answer: Answer<MapFigure>;
    scale: Scale | null;
}) {
    const textOf = useFigureText(name);
    const without = scale ? scale.shares.length - scale.known : 0;
    return (
        <Panel
            title={
                <Term table="Trader" name={name}>
                    {labelOf(name)}
                </Term>
            }
            note={scale && `${count(scale.known)} traders`}
            class="figure-legend"
        >
            {scale && scale.known > 0 ? (
                <>
                    <Ramp scale={scale} textOf={textOf} />
                    <p class="muted">
                        {meaningOf(scale, textOf)}
                        {without > 0 && ` Grey: ${count(without)} without a value.`}
                    </p>
                </>
            ) : scale ? (
                <p class="muted">Nobody on the map has a value.</p>
            ) : answer.problem ? (
                <Failure problem={answer.problem} retry={answer.retry} />
            ) : (
                <Skeleton rows={2} />
            )}
        </Panel>
    );
}
