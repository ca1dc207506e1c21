// Formats against what they promise; compact() besides against Intl, which rounds by itself.
import assert from 'node:assert/strict';
import test from 'node:test';
import {
    ago,
    className,
    compact,
    count,
    day,
    duration,
    exact,
    money,
    NOTHING,
    percent,
    points,
    price,
    ratio,
    short,
    when,
} from '../src/format';

test('compact keeps three digits or so, and never 1000 of a unit', () => {
    const cases: [string | number | null, string][] = [
        ['0.0', '0'],
        [null, NOTHING],
        ['', NOTHING],
        ['12.5', '12.50'],
        ['999.4', '999'],
        ['999.6', '1.00k'],
        ['1000', '1.00k'],
        ['999400', '999k'],
        ['999600', '1.00M'],
        ['45612.7', '45.6k'],
        ['456127', '456k'],
        ['-1234567.89', '\u22121.23M'],
        ['0.034567', '0.035'],
        ['0.5', '0.50'],
        ['99950000000', '100B'],
    ];
    for (const [value, text] of cases) assert.equal(compact(value), text, String(value));
});

test('compact agrees with Intl on its value to half a percent', () => {
    let seed = 7;
    const chance = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
    const units: Record<string, number> = { '': 1, k: 1e3, M: 1e6, B: 1e9, T: 1e12 };
    for (let i = 0; i < 20000; i++) {
        const value = 10 ** (chance() * 17 - 3);
        const [, digits, unit] = /^([\d.]+)(\D?)$/.exec(compact(value))!;
        const shown = Number(digits) * units[unit!]!;
        assert.ok(Math.abs(shown / value - 1) < 0.0501, `${value} ${compact(value)}`);
        assert.ok(value < 1 || Math.abs(shown / value - 1) < 0.0051, `${value} ${compact(value)}`);
        const other = Number(
            new Intl.NumberFormat('en', { maximumSignificantDigits: 3, useGrouping: false }).format(value),
        );
        assert.ok(value < 1 || Math.abs(shown / other - 1) < 0.0101, `${value} ${compact(value)}`);
    }
});

test('money has its sign before the dollar', () => {
    assert.equal(money('-1234.5'), '\u2212$1.23k');
    assert.equal(money('1234.5', true), '+$1.23k');
    assert.equal(money('0.0', true), '$0');
    assert.equal(money(null, true), NOTHING);
});

test('exact loses no digit', () => {
    assert.equal(exact('-1234567.12345678901234567890'), '\u22121,234,567.1234567890123456789');
    assert.equal(exact('1000.0'), '1,000');
    assert.equal(exact('12'), '12');
    assert.equal(exact(null), '');
    assert.equal(exact('no number'), 'no number');
});

test('durations name two units', () => {
    const cases: [number | null, string][] = [
        [null, NOTHING],
        [0, '0s'],
        [0.005, '<1s'],
        [0.5, '30s'],
        [1, '1m'],
        [1.5, '1m 30s'],
        [60, '1h'],
        [125, '2h 5m'],
        [1440, '1d'],
        [1500, '1d 1h'],
        [400 * 1440 + 60, '400d'],
    ];
    for (const [minutes, text] of cases) assert.equal(duration(minutes), text, String(minutes));
});

test('prices keep what matters of them', () => {
    const cases: [string, string][] = [
        ['101865.0', '101,865'],
        ['3152.5', '3,152.50'],
        ['43.802', '43.802'],
        ['0.63124', '0.63124'],
        ['0.0000123456', '0.0000123456'],
        ['2.0', '2.00'],
    ];
    for (const [value, text] of cases) assert.equal(price(value), text, value);
    assert.equal(price(null), NOTHING);
});

test('times are UTC or local, days are always UTC days', () => {
    assert.equal(when('2026-05-30T23:59:53.523Z', 'utc'), '30 May 23:59');
    assert.equal(when('2026-05-30T23:59:53.523Z', 'utc', true), '2026-05-30 23:59:53 UTC');
    const there = new Date('2026-05-30T23:59:53.523Z');
    assert.ok(when('2026-05-30T23:59:53.523Z', 'local').startsWith(`${there.getDate()} `));
    assert.equal(when(null, 'utc'), NOTHING);
    assert.equal(when('no time', 'utc'), NOTHING);
    assert.equal(day('2026-05-01'), '1 May');
    assert.equal(day('2026-12-31', true), '31 Dec 2026');
    assert.equal(day(undefined), NOTHING);
    assert.equal(ago('2026-05-01T00:00:00Z', Date.parse('2026-05-01T02:30:00Z')), '2h ago');
});

test('the rest', () => {
    assert.equal(short('0x64b0ec56cddc24ea44288006284c8af5b3a88484'), '0x64b0…8484');
    assert.equal(short('0x12'), '0x12');
    assert.equal(percent(0.1234), '12.3%');
    assert.equal(percent(-0.05, 0, true), '\u22125%');
    assert.equal(percent(0.05, 0, true), '+5%');
    assert.equal(percent(NaN), NOTHING);
    assert.equal(points(12.34), '12.3 bp');
    assert.equal(ratio(12345), '12.3k');
    assert.equal(count('1234567'), '1,234,567');
    assert.equal(className(null), 'Not classified');
    assert.equal(className('SMART_DIRECTIONAL'), 'Smart');
    assert.equal(className('NEW_CLASS'), 'NEW_CLASS');
});
