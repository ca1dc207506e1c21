import { defineConfig } from 'vite';

// `npx vite` in web/ serves the sources and asks a `vigil serve` at its usual place for data.
export default defineConfig({
    esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
    build: {
        assetsDir: 'static', // the API has /assets
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        target: 'es2022',
        rollupOptions: { output: { hashCharacters: 'hex' } },
    },
    server: { proxy: { '/api': 'http://127.0.0.1:8080' } },
});
