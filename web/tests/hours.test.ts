// The calendar of hours: runs, gaps over midnight, weeks.
import assert from 'node:assert/strict';
import test from 'node:test';
import { told } from '../src/charts/hours';
import { countOf, gapsOf, isMonday, runsOf, stateOf } from '../src/charts/hour_runs';

const dayOf = (date: string, hours: string) => ({ date, hours, hours_present: hours.split('1').length - 1 });
const whole = '1'.repeat(24);

test('runs cover a day without overlap, whatever it holds', () => {
    let seed = 5;
    const chance = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
    for (let i = 0; i < 200; i++) {
        const hours = Array.from({ length: 24 }, () => '10?-'[Math.floor(chance() * 4)]).join('');
        const runs = runsOf(hours);
        assert.deepEqual([runs[0]!.from, runs.at(-1)!.to], [0, 24]);
        for (const [k, run] of runs.entries()) {
            if (k > 0) assert.ok(run.from === runs[k - 1]!.to && run.state !== runs[k - 1]!.state, hours);
            for (let hour = run.from; hour < run.to; hour++) assert.equal(stateOf(hours, hour), run.state);
        }
    }
    assert.deepEqual(runsOf(whole), [{ state: 'present', from: 0, to: 24 }]);
});

test('a gap goes on over midnight and over whole days, and ends with an hour that is there', () => {
    const days = [
        dayOf('2026-05-04', '0011' + '1'.repeat(16) + '----'),
        dayOf('2026-05-03', '0'.repeat(24)),
        dayOf('2026-05-02', '1'.repeat(22) + '00'),
        dayOf('2026-05-01', '-----1011111111111111111'),
    ];
    assert.deepEqual(gapsOf(days), [
        { date: '2026-05-02', hour: 22, hours: 28 },
        { date: '2026-05-01', hour: 6, hours: 1 },
    ]);
    assert.deepEqual(countOf(days), { present: 18 + 22 + 18, absent: 2 + 24 + 2 + 1, untold: 0, outside: 4 + 5 });
    assert.deepEqual(gapsOf([dayOf('2026-05-01', whole)]), []);
    assert.deepEqual(gapsOf([]), []);
});

test('what objects do not tell is no gap', () => {
    assert.deepEqual(gapsOf([dayOf('2026-05-01', '?'.repeat(24))]), []);
});

test('what is not told is not said to be there', () => {
    const untold = dayOf('2026-05-02', '?'.repeat(20) + '----');
    const holed = dayOf('2026-05-01', '1'.repeat(5) + '0' + '1'.repeat(18));
    assert.equal(told([untold], false), 'Not told: no object names its hour');
    assert.equal(told([untold], true), 'Not told in the days that are shown: no object names its hour');
    assert.equal(told([untold, holed], false), 'Missing: 1 May 05:00; 20 h not told');
    assert.equal(told([untold, dayOf('2026-05-01', whole)], false), 'None is known to be missing; 20 h not told');
    assert.equal(told([dayOf('2026-05-01', whole)], false), 'None is missing');
    assert.equal(told([dayOf('2026-05-01', whole)], true), 'None is missing in the days that are shown');
});

test('weeks begin on Monday, in UTC', () => {
    assert.deepEqual(['2026-05-03', '2026-05-04', '2026-05-05', '2026-05-11'].map(isMonday), [
        false,
        true,
        false,
        true,
    ]);
});
