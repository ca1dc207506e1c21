import { render } from 'preact';
import { App } from './app';
import { applyTheme } from './settings';
// Later ones refine earlier ones.
import './style/base.css';
import './style/frame.css';
import './style/parts.css';
import './style/charts.css';
import './style/pages.css';
import './style/narrow.css';

applyTheme();
const root = document.getElementById('root');
if (root) render(<App />, root);
