export type Series = {
  readonly type: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
};

const label = /([A-Za-z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"/g;
const sample = /^([A-Za-z_:][\w:]*)(?:\{((?:[A-Za-z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (\S+)$/;
const declaration = /^# TYPE (\S+) (counter|gauge|histogram|summary)$/;

/**
 * Reads the text format of Prometheus as strictly as it is defined; throws at what a scrape would
 * refuse: a line of another form, a metric without type, a series that is there twice.
 */
export const parsePrometheus = (text: string): ReadonlyMap<string, readonly Series[]> => {
  if (!text.endsWith('\n')) throw new Error('The last line has no end');
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('# HELP '));
  const types = new Map(
    lines.flatMap((line) => {
      const [, name, type = ''] = declaration.exec(line) ?? [];
      return name === undefined ? [] : [[name, type] as const];
    }),
  );
  const samples = lines.filter((line) => !declaration.test(line));
  const series = samples.map((line) => line.slice(0, line.lastIndexOf(' ')));
  if (new Set(series).size < series.length) throw new Error('A series is there twice');
  const metrics = Map.groupBy(samples.map(readSample), ({ name }) => name);
  return new Map(
    [...metrics].map(([name, found]) => [
      name,
      found.map((series) => {
        const type = typeOf(types, name);
        checkLabels(name, type, series.labels);
        return { type, labels: series.labels, value: series.value };
      }),
    ]),
  );
};

/** Labels that have a meaning by themselves, each in metrics of one type. */
const checkLabels = (name: string, type: string, { quantile, le }: Series['labels']): void => {
  if (quantile !== undefined && type !== 'summary') throw new Error(`${name} has a quantile`);
  if (le !== undefined && type !== 'histogram') throw new Error(`${name} has a le`);
};

const typeOf = (types: ReadonlyMap<string, string>, name: string): string => {
  // The series of a histogram are named after it.
  const type = types.get(name) ?? types.get(name.replace(/_(?:bucket|sum|count)$/, ''));
  if (type === undefined) throw new Error(`${name} has no type`);
  return type;
};

const readSample = (line: string) => {
  const [, name = '', labels = '', value = ''] = sample.exec(line) ?? [];
  if (name === '' || !Number.isFinite(Number(value))) throw new Error(`No sample: ${line}`);
  const pairs = [...labels.matchAll(label)].map(([, key = '', text = '']) => [key, text]);
  return { name, labels: Object.fromEntries(pairs) as Series['labels'], value: Number(value) };
};
