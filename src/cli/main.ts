#!/usr/bin/env node
// An older Node must still be able to read this file: nothing is imported before the check.
const major = Number(process.versions.node.split('.')[0]);

if (major < 24) {
  process.stderr.write(
    `forge: ThreadForge needs Node 24 or later, and this is Node ${process.versions.node}; run it with \`npm run forge\`, or install Node 24.\n`,
  );
  process.exitCode = 2;
} else {
  const { runProgram } = await import('./program.ts');
  await runProgram(process.argv);
}
