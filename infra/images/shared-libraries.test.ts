import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needsLoader, needsLoaderByHead } from './elf.ts';
import { pauseProgram } from './pause.ts';
import { parseLdd, sharedLibrariesOf } from './shared-libraries.ts';

test('paths are taken from both forms that ldd prints, the virtual one left out', () => {
  const listing = [
    '\tlinux-vdso.so.1 (0x00007f6709f69000)',
    '\tlibm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007f6709e73000)',
    '\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f6709a1e000)',
    '\t/lib64/ld-linux-x86-64.so.2 (0x00007f6709f6b000)',
  ].join('\n');
  assert.deepEqual(parseLdd(listing, 'node'), [
    '/lib/x86_64-linux-gnu/libc.so.6',
    '/lib/x86_64-linux-gnu/libm.so.6',
    '/lib64/ld-linux-x86-64.so.2',
  ]);
});

test('the form of musl is read as well', () => {
  const listing =
    '\t/lib/ld-musl-x86_64.so.1 (0x7f1c)\n\tlibc.musl-x86_64.so.1 => /lib/ld-musl-x86_64.so.1 (0x7f1c)\n';
  assert.deepEqual(parseLdd(listing, 'node'), ['/lib/ld-musl-x86_64.so.1']);
});

test('a library that is not there is an error with its name', () => {
  assert.throws(() => parseLdd('\tlibatomic.so.1 => not found\n', 'node'), /node needs libatomic\.so\.1/);
});

test('Node needs a loader and a C library, which are files', () => {
  const libraries = sharedLibrariesOf(process.execPath);
  assert.ok(libraries.some((path) => /\/ld-/.test(path)));
  assert.ok(libraries.every((path) => path.startsWith('/')));
});

test('a program without an interpreter is static, a script tells nothing', () => {
  assert.equal(needsLoader(process.execPath), true);
  assert.equal(needsLoaderByHead(Buffer.from(pauseProgram('x64'))), false);
  assert.equal(needsLoaderByHead(Buffer.from('#!/bin/sh\n'.repeat(20))), undefined);
});
