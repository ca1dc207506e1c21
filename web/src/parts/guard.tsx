// Keeps a fault in what is drawn to the part that has it: the others go on.
import { Component, type ComponentChildren } from 'preact';
import { askAnew, Problem } from '../api';
import { Failure } from './states';

interface Props {
    children: ComponentChildren;
    isPage?: boolean; // what is guarded is all of a page, with its landmark
}

interface State {
    error: Error | null;
    of: ComponentChildren; // what was to be drawn
}

/** Says so in place of a part that cannot be drawn, and draws it again as soon as it is given something else. */
export class Guard extends Component<Props, State> {
    private told = '';

    static getDerivedStateFromProps(props: Props, state: Partial<State>): Partial<State> | null {
        return props.children === state.of ? null : { of: props.children, error: null };
    }

    override componentDidCatch(error: unknown) {
        const fault = error instanceof Error ? error : new Error(String(error));
        if (fault.message !== this.told) reportError(fault);
        this.told = fault.message;
        this.setState({ error: fault });
    }

    private readonly retry = () => {
        askAnew();
        this.setState({ error: null });
    };

    override render() {
        const { error } = this.state;
        if (!error) return this.props.children;
        const text = `It cannot be drawn (${error.message}). Please report this fault of the page.`;
        const failure = <Failure problem={new Problem(0, 'This part broke', text)} retry={this.retry} />;
        return this.props.isPage ? <main tabIndex={-1}>{failure}</main> : failure;
    }
}
