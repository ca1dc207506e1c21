// The chart of charts/time_chart.tsx, fetched when one is first shown.
import { lazy } from '../lazy';
import type { TimeChartProps } from './time_chart';

export const TimeChart = lazy<TimeChartProps>(() => import('./time_chart').then((part) => part.default), 8);
