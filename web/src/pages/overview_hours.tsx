// Hour by hour, what the answers rest on.
import { url } from '../api';
import type { Answers, CoveredDay } from '../api_types';
import { Hours } from '../charts/hours';
import { count } from '../format';
import { usePages } from '../pages_of';
import { Panel } from '../parts/panel';
import { Empty, Failure, Skeleton } from '../parts/states';

export function CoveredHours({ coverage }: { coverage: Answers['getCoverage'] | undefined }) {
    const pages = usePages<CoveredDay>(url('/coverage/hours', { limit: 366 }));
    return (
        <Panel
            title="Coverage by hour"
            class="covered-hours"
            note={
                coverage &&
                (coverage.hours_span > 0
                    ? `${count(coverage.hours_present)} of ${count(coverage.hours_span)} hours`
                    : 'not told')
            }
        >
            {pages.rows.length > 0 ? (
                <Hours days={pages.rows} hasMore={pages.hasMore} onEnd={pages.more} />
            ) : pages.problem ? (
                <Failure problem={pages.problem} retry={pages.retry} />
            ) : pages.isLoading ? (
                <Skeleton rows={5} />
            ) : (
                <Empty title="No hours yet" />
            )}
        </Panel>
    );
}
