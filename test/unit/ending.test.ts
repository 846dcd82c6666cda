import { expect, test } from 'vitest';
import { endingOf } from '../../src/supervisor/process/exit-reason.ts';

const farewell = `
  #  /usr/bin/node[8108]: std::unique_ptr<long unsigned int> node::DelayedTaskScheduler::Start() at ../src/node_platform.cc:109
  #  Assertion failed: (0) == (uv_thread_create(t.get(), start_thread, this))

----- Native stack trace -----

 9: 0x7ef4fe _start [/usr/bin/node]
`;

test('a process that got no room for its threads never ran, and is not to blame', () => {
  expect(endingOf({ signal: 'SIGABRT', output: farewell })).toEqual({
    reason: 'the system has no room for its threads',
    isDenied: true,
  });
  // Who only repeats what another one said ended for its own reason.
  expect(endingOf({ code: 1, output: farewell }).isDenied).toBeUndefined();
});
