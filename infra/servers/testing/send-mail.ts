import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import type { HostPort } from '../definition.ts';

/** Sends one mail by SMTP; fails at the first answer that is not what the protocol says. */
export async function sendMail(
  at: HostPort,
  mail: { readonly from: string; readonly to: string; readonly subject: string; readonly text: string },
): Promise<void> {
  const socket = connect(at.port, at.host);
  await once(socket, 'connect');
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const expect = async (code: number): Promise<void> => {
    for (;;) {
      const { value } = (await lines.next()) as { value?: string };
      if (value === undefined || !value.startsWith(String(code)))
        throw new Error(`the server said ${JSON.stringify(value)}, where ${code} is wanted`);
      // A line with a dash goes on.
      if (value[3] !== '-') return;
    }
  };
  const say = async (line: string, code: number): Promise<void> => {
    socket.write(`${line}\r\n`);
    await expect(code);
  };
  try {
    await expect(220);
    await say('EHLO test', 250);
    await say(`MAIL FROM:<${mail.from}>`, 250);
    await say(`RCPT TO:<${mail.to}>`, 250);
    await say('DATA', 354);
    const head = [`From: ${mail.from}`, `To: ${mail.to}`, `Subject: ${mail.subject}`];
    // A line that begins with a dot would end the mail.
    const text = mail.text.replaceAll(/^\./gm, '..');
    await say([...head, '', text, '.'].join('\r\n'), 250);
    await say('QUIT', 221);
  } finally {
    socket.destroy();
  }
}
