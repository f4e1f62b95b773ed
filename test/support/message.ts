import type { Message, SmtpServer } from '../../src/notify/message.ts';

export const sampleMessage = (change: Partial<Message> = {}): Message => ({
  from: { name: 'Firedrill', address: 'drill@example.com' },
  to: [{ name: 'Boss', address: 'boss@example.com' }],
  subject: 'PASS 3m12s of 30m · data to 01:30 · 4/4 services',
  text: 'All is well.',
  html: '<p>All is well. <img src="cid:chart@firedrill" alt="chart"></p>',
  images: [{ cid: 'chart@firedrill', filename: 'chart.png', png: Buffer.from('png') }],
  attachment: { filename: '20261122T021500Z-nightly.html', content: Buffer.from('<h1>Õ</h1>') },
  urgent: false,
  messageId: '<1@example.com>',
  date: new Date('2026-11-22T02:20:00Z'),
  ...change,
});

export const sampleServer = (port: number, change: Partial<SmtpServer> = {}): SmtpServer => ({
  ...{ host: '127.0.0.1', port, tls: 'none', ca: undefined, login: undefined, timeLimitMs: 2_000 },
  ...change,
});
