// Bars, drawn without a library: for the first view, and for distributions.
import { useState } from 'preact/hooks';

export interface Bar {
    key: string;
    value: number; // NaN: nothing is known
    label: string; // of the place
    text: string; // of the value
    tone?: 'up' | 'down' | 'gap' | undefined;
}

const WIDEST = 120; // px for a bar: few bars do not become walls

/** From zero up and down. The value under the pointer, or under the cursor keys, is told above. */
export function Bars({
    bars,
    caption,
    height = 120,
    ends = true,
    initial,
}: {
    bars: Bar[];
    caption: string;
    height?: number;
    ends?: boolean;
    initial?: string | undefined;
}) {
    const [at, setAt] = useState<number | null>(null);
    const known = bars.map((bar) => (Number.isFinite(bar.value) ? bar.value : 0));
    const top = Math.max(0, ...known);
    const bottom = Math.min(0, ...known);
    const span = top - bottom || 1;
    const width = 100 / Math.max(1, bars.length);
    const shown = at === null ? undefined : bars[at];
    const point = (event: PointerEvent) => {
        const box = (event.currentTarget as Element).getBoundingClientRect();
        setAt(
            Math.max(0, Math.min(bars.length - 1, Math.floor(((event.clientX - box.left) / box.width) * bars.length))),
        );
    };
    const step = (event: KeyboardEvent) => {
        const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
        if (!by) return;
        event.preventDefault();
        setAt(Math.max(0, Math.min(bars.length - 1, (at ?? (by > 0 ? -1 : bars.length)) + by)));
    };
    const first = bars[0];
    const last = bars[bars.length - 1];
    return (
        <figure class="bars" style={{ maxWidth: `${bars.length * WIDEST}px` }}>
            <figcaption aria-live="polite">
                {shown ? (
                    <>
                        <b>{shown.text}</b> {shown.label}
                    </>
                ) : (
                    (initial ?? ' ')
                )}
            </figcaption>
            <svg
                role="img"
                aria-label={caption}
                tabIndex={0}
                height={height}
                onPointerMove={point}
                onPointerLeave={() => setAt(null)}
                onKeyDown={step}
                onBlur={() => setAt(null)}
            >
                {bars.map((bar, i) => {
                    const size = (Math.abs(known[i]!) / span) * 100;
                    const y = ((top - Math.max(0, known[i]!)) / span) * 100;
                    const isGap = !Number.isFinite(bar.value);
                    return (
                        <rect
                            key={bar.key}
                            x={`${i * width + width * 0.15}%`}
                            width={`${width * 0.7}%`}
                            rx={bars.length < 80 ? 2 : 0}
                            y={isGap ? '0%' : `${y}%`}
                            height={isGap ? '100%' : `max(${size}%, ${known[i] ? 1.5 : 0}px)`}
                            class={`${isGap ? 'gap' : (bar.tone ?? '')} ${i === at ? 'at' : ''}`}
                        />
                    );
                })}
                {bottom < 0 && <line x1="0" x2="100%" y1={`${(top / span) * 100}%`} y2={`${(top / span) * 100}%`} />}
            </svg>
            {ends && first && last && (
                <div class="ends">
                    <span>{first.label}</span>
                    <span>{last.label}</span>
                </div>
            )}
        </figure>
    );
}

/** Parts of a whole, beside each other. */
export function Shares({
    parts,
    caption,
}: {
    parts: { key: string; label: string; value: number; text: string; tone: string }[];
    caption: string;
}) {
    const whole = parts.reduce((sum, part) => sum + part.value, 0);
    return (
        <div class="shares">
            <div
                class="bar"
                role="img"
                aria-label={`${caption}: ${parts.map((p) => `${p.label} ${p.text}`).join(', ')}`}
            >
                {parts.map((part) => (
                    <i
                        key={part.key}
                        class={part.tone}
                        title={`${part.label}: ${part.text}`}
                        style={{ width: `${whole ? (part.value / whole) * 100 : 0}%` }}
                    />
                ))}
            </div>
            <ul>
                {parts.map((part) => (
                    <li key={part.key}>
                        <i class={part.tone} />
                        {part.label} <b>{part.text}</b>
                    </li>
                ))}
            </ul>
        </div>
    );
}
