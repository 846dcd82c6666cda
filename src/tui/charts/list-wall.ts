import blessed from 'blessed';
import { toBoard } from './figures.ts';
import { serviceLines } from './service-table.ts';
import { label, roomIn, type Wall } from './wall.ts';

/** Two edges, and an advice in three lines. */
const adviceRows = 5;

/** The services and the advice, one below the other. */
export const hangLists = (screen: blessed.Widgets.Screen): Wall => {
  const advice = blessed.box({
    parent: screen,
    border: 'line',
    bottom: 0,
    width: '100%',
    height: adviceRows,
  });
  const services = blessed.box({
    parent: screen,
    border: 'line',
    tags: true,
    top: 0,
    width: '100%',
    height: `100%-${adviceRows}`,
  });
  return (snapshot) => {
    label(services, 'services');
    label(advice, 'advice');
    services.setContent(serviceLines(snapshot.status.services, roomIn(services)).join('\n'));
    advice.setContent(toBoard(snapshot).advice.join('\n'));
  };
};
