// The little of node's own modules that the tests use.
declare module 'node:test' {
    export default function test(name: string, body: () => void | Promise<void>): void;
}
declare module 'node:assert/strict' {
    const assert: {
        ok(value: unknown, message?: string): asserts value;
        equal(actual: unknown, expected: unknown, message?: string): void;
        deepEqual(actual: unknown, expected: unknown, message?: string): void;
        match(actual: string, pattern: RegExp): void;
    };
    export default assert;
}
