/** The part that is needed: the entry of the package brings all others along, and HTTP with them. */
declare module 'systeminformation/lib/memory.js' {
  import type { Systeminformation } from 'systeminformation';
  export const mem: () => Promise<Systeminformation.MemData>;
}
