export { type Advised, actionDone, advise, dismiss } from './advisor.ts';
export { initialMemory, type Memory } from './memory.ts';
export { decodeMemory, encodeMemory } from './persist.ts';
export { ScaleAdvisor, type ScaleAdvisorOptions } from './scale-advisor.ts';
export { type AdvisorSettings, defaultSettings } from './settings.ts';
export { toActionRequest } from './to-action.ts';
export type { ServiceView, View } from './view.ts';
