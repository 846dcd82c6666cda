import { spoken } from '../../protocol/topology.ts';

type Titled = { readonly app: string; readonly who: string; readonly services?: readonly string[] };

/** What `ps` shows of a process of an app. What is for people comes first: Linux cuts it where the command ended. */
export const titleOf = ({ app, who, services = [] }: Titled): string => {
  const name = spoken(who);
  const others = services.length > 1 ? ` (${services.join(', ')})` : '';
  return `forge: ${app} ${name}${others}`;
};

export const showTitle = (titled: Titled): void => {
  process.title = titleOf(titled);
};
