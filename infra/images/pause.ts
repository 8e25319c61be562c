import { FiredrillError } from '../../harness/core/errors.ts';
import { staticImage } from './binary-image.ts';
import type { ImageDefinition } from './definition.ts';

/**
 * The sandbox image: a program that only holds a pod's namespaces. It ignores SIGCHLD, so that orphans which become
 * its children vanish, and then waits for ever; containerd ends it by SIGKILL.
 */
export function pauseImage(): ImageDefinition {
  return staticImage('pause', pauseProgram(process.arch));
}

/** The program as a static ELF executable of under 300 bytes, for `x64` or `arm64`. */
export function pauseProgram(arch: string): Uint8Array {
  const machine = MACHINES[arch];
  if (machine === undefined) {
    throw new FiredrillError('images.unknown-architecture', `no pause program is known for ${arch}`, {
      hint: 'x64 and arm64 are',
    });
  }
  const codeOffset = ELF_HEADER_BYTES + PROGRAM_HEADER_BYTES;
  const body = Buffer.concat([machine.code, sigaction()]);
  const elf = Buffer.alloc(codeOffset);
  elf.write('\x7fELF', 0, 'latin1');
  elf[4] = 2; // 64 bit
  elf[5] = 1; // little endian
  elf[6] = 1; // ELF version
  elf.writeUInt16LE(2, 16); // an executable at fixed addresses
  elf.writeUInt16LE(machine.elfMachine, 18);
  elf.writeUInt32LE(1, 20);
  elf.writeBigUInt64LE(LOAD_ADDRESS + BigInt(codeOffset), 24); // entry point
  elf.writeBigUInt64LE(BigInt(ELF_HEADER_BYTES), 32); // where the program header is
  elf.writeUInt16LE(ELF_HEADER_BYTES, 52);
  elf.writeUInt16LE(PROGRAM_HEADER_BYTES, 54);
  elf.writeUInt16LE(1, 56); // one program header
  elf.writeUInt32LE(1, 64); // PT_LOAD: the whole file
  elf.writeUInt32LE(5, 68); // readable and executable
  elf.writeBigUInt64LE(LOAD_ADDRESS, 80);
  elf.writeBigUInt64LE(LOAD_ADDRESS, 88);
  elf.writeBigUInt64LE(BigInt(codeOffset + body.length), 96);
  elf.writeBigUInt64LE(BigInt(codeOffset + body.length), 104);
  elf.writeBigUInt64LE(0x10000n, 112); // the largest page size of both machines
  return Buffer.concat([elf, body]);
}

const ELF_HEADER_BYTES = 64;
const PROGRAM_HEADER_BYTES = 56;
const LOAD_ADDRESS = 0x400000n;

interface Machine {
  readonly elfMachine: number;
  /** Position-independent; expects the sigaction right behind itself. */
  readonly code: Buffer;
}

const MACHINES: Readonly<Record<string, Machine>> = {
  x64: {
    elfMachine: 62,
    code: Buffer.from(
      [
        'b80d000000', // mov eax, 13            rt_sigaction(
        'bf11000000', // mov edi, 17              SIGCHLD,
        '488d3513000000', // lea rsi, [rip + 19]      &action behind the code,
        '31d2', // xor edx, edx             NULL,
        '41ba08000000', // mov r10d, 8              8 bytes of mask)
        '0f05', // syscall
        'b822000000', // mov eax, 34      wait: pause()
        '0f05', // syscall
        'ebf7', // jmp wait
      ].join(''),
      'hex',
    ),
  },
  arm64: {
    elfMachine: 183,
    code: words([
      0xd28010c8, // mov x8, #134              rt_sigaction(
      0xd2800220, // mov x0, #17                 SIGCHLD,
      0x10000181, // adr x1, . + 48              &action behind the code,
      0xd2800002, // mov x2, #0                  NULL,
      0xd2800103, // mov x3, #8                  8 bytes of mask)
      0xd4000001, // svc #0
      0xd2800928, // mov x8, #73         wait: ppoll(
      0xd2800000, // mov x0, #0                  NULL,
      0xd2800001, // mov x1, #0                  0 descriptors,
      0xd2800002, // mov x2, #0                  no time-out,
      0xd2800003, // mov x3, #0                  no mask)
      0xd4000001, // svc #0
      0x17fffffa, // b wait
      0xd503201f, // nop, so that what follows is aligned to 8
    ]),
  },
};

/** The kernel's sigaction: handler SIG_IGN (1), no flags, no restorer, empty mask. */
function sigaction(): Buffer {
  const action = Buffer.alloc(32);
  action.writeBigUInt64LE(1n, 0);
  return action;
}

function words(instructions: readonly number[]): Buffer {
  const code = Buffer.alloc(instructions.length * 4);
  instructions.forEach((instruction, index) => code.writeUInt32LE(instruction, index * 4));
  return code;
}
