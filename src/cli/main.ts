#!/usr/bin/env node
// An older Node must be able to read this file and the errors: nothing else comes before the check.
const major = Number(process.versions.node.split('.')[0]);

if (major < 24) {
  const { nodeTooOld } = await import('../protocol/start-errors.ts');
  const { message, remedy, exitCode } = nodeTooOld(process.versions.node);
  process.stderr.write(`forge: ${message} → ${remedy}\n`);
  process.exitCode = exitCode;
} else {
  // Begins this process anew: before the commands are loaded, it costs least.
  if (process.argv[2] === 'start') {
    const { startSmall } = await import('../supervisor/small-process.ts');
    startSmall();
  }
  const { runProgram } = await import('./program.ts');
  await runProgram(process.argv);
}
