// Line drawings, 16 units square, in the colour of the text around them.
const PATHS = {
    overview: 'M2 9h3v5H2zM6.5 5h3v9h-3zM11 2h3v12h-3z',
    traders:
        'M6 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM1.5 13.5c0-2.5 2-4 4.5-4s4.5 1.5 4.5 4M10.5 2.8a2.5 2.5 0 0 1 0 4.4M12 9.9c1.5.6 2.5 1.9 2.5 3.6',
    assets: 'M8 1.5 14 5v6l-6 3.5L2 11V5zM2 5l6 3.5L14 5M8 8.5v6',
    map: 'M3.5 4.5h.01M6 9h.01M9.5 3.5h.01M12.5 7h.01M4 12.5h.01M10 12h.01M7.5 6h.01M12.8 11h.01',
    alerts: 'M8 2a4 4 0 0 1 4 4c0 3.5 1.5 4.5 1.5 4.5h-11S4 9.5 4 6a4 4 0 0 1 4-4ZM6.5 13a1.6 1.6 0 0 0 3 0',
    copy: 'M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z',
    done: 'm3 8.5 3.5 3.5L13 4.5',
    star: 'm8 2 1.8 3.8 4.2.5-3.1 2.9.8 4.1L8 11.3l-3.7 2 .8-4.1L2 6.3l4.2-.5z',
    search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10ZM10.7 10.7 14 14',
    sun: 'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1',
    moon: 'M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7Z',
    auto: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 2v12',
    close: 'm4 4 8 8M12 4l-8 8',
    download: 'M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11',
    columns: 'M2 3h12v10H2zM6 3v10M10 3v10',
    lasso: 'M8 9.5c3.6 0 6-1.5 6-3.7S11.6 2 8 2 2 3.6 2 5.8c0 1.4 1 2.6 2.6 3.2M4.6 9c-.9.4-1.3 1.2-.9 2 .5 1 2 .8 2.3-.3.2-.8-.5-1.6-1.4-1.7ZM5 11.8c.2 1.2-.3 1.9-1.2 2.4',
    help: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM6.2 6.3c.1-1 .8-1.6 1.8-1.6s1.8.6 1.8 1.5c0 1.3-1.8 1.4-1.8 2.8M8 11.4h.01',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, filled = false }: { name: IconName; filled?: boolean }) {
    return (
        <svg
            class="icon"
            viewBox="0 0 16 16"
            aria-hidden="true"
            fill={filled ? 'currentColor' : 'none'}
            stroke="currentColor"
            stroke-width={name === 'map' ? 2.6 : 1.4}
            stroke-linecap="round"
            stroke-linejoin="round"
        >
            <path d={PATHS[name]} />
        </svg>
    );
}
