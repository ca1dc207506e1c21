// A list of figures to choose from, with their definitions, that words narrow down.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useLatest } from '../store';
import { Icon } from './icons';
import type { Definition } from './term';

/** One or many of the names; `onChoose` is told each that was clicked. */
export function FigureList({
    label,
    names,
    definitions,
    isMany = false,
    isChosen,
    onChoose,
    onClose,
    actions,
}: {
    label: string;
    names: string[];
    definitions: Record<string, Definition> | null;
    isMany?: boolean;
    isChosen: (name: string) => boolean;
    onChoose: (name: string, isOn: boolean) => void;
    onClose: () => void;
    actions?: ComponentChildren;
}) {
    const [word, setWord] = useState('');
    const box = useRef<HTMLDivElement>(null);
    const close = useLatest(onClose);
    // Who was in the list goes on at the button that opened it.
    const leave = useLatest(() => {
        if (box.current?.contains(document.activeElement))
            box.current.parentElement?.querySelector<HTMLElement>('[aria-expanded]')?.focus();
        onClose();
    });
    useEffect(() => {
        const element = box.current!;
        element.querySelector('input:checked')?.closest('li')?.scrollIntoView({ block: 'nearest' });
        // Where there is a keyboard of glass, it would hide the list.
        if (matchMedia('(pointer: fine)').matches) element.querySelector<HTMLElement>('header input')?.focus();
        // A click beside it closes it; the button that opened it stands in the same element, and closes it by itself.
        const beside = (event: PointerEvent) => {
            if (!element.parentElement?.contains(event.target as Node)) close.current();
        };
        const press = (event: KeyboardEvent) => event.key === 'Escape' && leave.current();
        document.addEventListener('pointerdown', beside);
        document.addEventListener('keydown', press);
        return () => {
            document.removeEventListener('pointerdown', beside);
            document.removeEventListener('keydown', press);
        };
    }, [close, leave]);
    const shown = names.filter((name) => name.includes(word.trim().toLowerCase().replaceAll(' ', '_')));
    return (
        <div class="picker" role="dialog" aria-label={label} ref={box}>
            <header>
                <input
                    placeholder="Find a figure"
                    aria-label="Find a figure"
                    value={word}
                    onInput={(event) => setWord(event.currentTarget.value)}
                />
                {actions}
                <button type="button" class="quiet" aria-label="Close" onClick={() => leave.current()}>
                    <Icon name="close" />
                </button>
            </header>
            <ul>
                {shown.map((name) => (
                    <li key={name}>
                        <label title={definitions?.[name]?.description}>
                            <input
                                type={isMany ? 'checkbox' : 'radio'}
                                name={isMany ? name : label}
                                checked={isChosen(name)}
                                onChange={(event) => onChoose(name, event.currentTarget.checked)}
                            />
                            <code>{name}</code>
                        </label>
                    </li>
                ))}
            </ul>
            {shown.length === 0 && <p class="muted">No figure has this in its name.</p>}
        </div>
    );
}
