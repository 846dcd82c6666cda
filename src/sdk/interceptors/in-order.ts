type Fields = Readonly<Record<string, unknown>>;

/**
 * The same value, with the properties of each object in one order, whoever wrote them in which. What
 * is in order already comes back as it is.
 */
export const inOrder = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return listInOrder(value);
  return Object.getPrototypeOf(value) === Object.prototype ? fieldsInOrder(value as Fields) : value;
};

const listInOrder = (list: readonly unknown[]): readonly unknown[] => {
  let changed: unknown[] | undefined;
  for (const [index, item] of list.entries()) {
    const ordered = inOrder(item);
    if (ordered === item) continue;
    changed ??= [...list];
    changed[index] = ordered;
  }
  return changed ?? list;
};

const fieldsInOrder = (fields: Fields): Fields => {
  const names = Object.keys(fields);
  let isSame = names.every((name, index) => index === 0 || (names[index - 1] ?? '') < name);
  if (!isSame) names.sort();
  const entries = names.map((name) => {
    const ordered = inOrder(fields[name]);
    isSame &&= ordered === fields[name];
    return [name, ordered] as const;
  });
  return isSame ? fields : Object.fromEntries(entries);
};
