// Parts that are fetched when they are first shown.
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Problem } from './api';
import { Failure, Skeleton } from './parts/states';

export function lazy<P extends object>(load: () => Promise<ComponentType<P>>, rows = 6) {
  let loaded: ComponentType<P> | undefined;
  return function Lazy(props: P) {
    const [Part, setPart] = useState<ComponentType<P> | undefined>(() => loaded);
    const [failed, setFailed] = useState(false);
    const fetchIt = () => {
      setFailed(false);
      load().then((part) => { loaded = part; setPart(() => part); }, () => setFailed(true));
    };
    useEffect(() => {
      if (!Part) fetchIt();
    }, []);
    if (Part) return <Part {...props} />;
    if (failed) return <Failure problem={new Problem(0, 'This part could not be loaded', 'The server cannot be reached, or it was updated: load the page anew.')} retry={fetchIt} />;
    return <Skeleton rows={rows} />;
  };
}
