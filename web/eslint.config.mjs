// What types and tests do not see: promises nobody waits for, hooks that miss a dependency, code that can never run.
import hooks from 'eslint-plugin-react-hooks';
import { defineConfig } from 'eslint/config';
import ts from 'typescript-eslint';

export default defineConfig(
    { ignores: ['dist', 'node_modules', 'src/api_types.ts'] },
    {
        files: ['**/*.ts', '**/*.tsx'],
        extends: [ts.configs.strictTypeChecked, ts.configs.stylisticTypeChecked],
        plugins: { 'react-hooks': hooks },
        languageOptions: {
            parserOptions: {
                projectService: { allowDefaultProject: ['vite.config.ts'] },
                tsconfigRootDir: import.meta.dirname,
            },
        },
        linterOptions: { reportUnusedDisableDirectives: 'error' },
        rules: {
            'react-hooks/rules-of-hooks': 'error',
            'react-hooks/exhaustive-deps': 'error',
            '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
            '@typescript-eslint/no-empty-function': ['error', { allow: ['arrowFunctions'] }],
            // noUncheckedIndexedAccess asks for a ! wherever an index is known to be inside.
            '@typescript-eslint/no-non-null-assertion': 'off',
            '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
        },
    },
);
