import { userInfo } from 'node:os';

/** Who runs this; in a container that is often a number without a name. */
export const thisUser = (): { readonly uid: number; readonly user: string } => {
  try {
    const { uid, username } = userInfo();
    return { uid, user: username };
  } catch {
    const uid = process.getuid?.() ?? -1;
    return { uid, user: String(uid) };
  }
};
