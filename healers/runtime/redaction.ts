const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/\b(https?:\/\/)[^/\s:@]+:[^/\s@]+@/g, '$1***@'],
  [/(https:\/\/hooks\.slack\.com\/)\S+/g, '$1***'],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, '$1 ***'],
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, '***'],
  [/\b(token|password|passwd|secret|api[-_]?key)(["']?\s*[:=]\s*["']?)[^\s"',;&]+/gi, '$1$2***'],
];

/** A text without what looks like a secret: messages leave the cluster, and error texts quote what was sent. */
export function redact(text: string): string {
  return PATTERNS.reduce((clean, [pattern, replacement]) => clean.replace(pattern, replacement), text);
}
