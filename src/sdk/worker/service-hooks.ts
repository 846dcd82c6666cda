import { report } from '../channel/log.ts';
import type { Hosted } from './hosted.ts';

/** Runs `onStart` of all; one that fails keeps no other from it. */
export const startServices = async (services: Iterable<Hosted>): Promise<void> => {
  await Promise.all(
    [...services].map(async (hosted) => {
      try {
        await hosted.service.onStart(hosted.service.ctx);
      } catch (error) {
        hosted.failure = error instanceof Error ? error.message : String(error);
        report(hosted.name, 'onStart', error);
      }
    }),
  );
};

/** Runs `onStop` of one after the other. */
export const stopServices = async (services: Iterable<Hosted>, reason: string): Promise<void> => {
  for (const { name, service } of services) {
    try {
      await service.onStop(reason);
    } catch (error) {
      report(name, 'onStop', error);
    }
  }
};

export const failuresOf = (
  services: Iterable<Hosted>,
): readonly { readonly service: string; readonly error: string }[] =>
  [...services].flatMap(({ name, failure }) =>
    failure === undefined ? [] : [{ service: name, error: failure }],
  );
