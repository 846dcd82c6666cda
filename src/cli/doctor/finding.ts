/** What was looked at and how it is; with a fix, something is wrong. */
export type Finding = { readonly check: string; readonly found: string; readonly fix?: string };
