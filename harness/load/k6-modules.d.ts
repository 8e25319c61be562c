/** What `users.ts` uses of the modules that k6 itself provides. */
declare module 'k6/http' {
  interface Answer {
    readonly status: number;
    readonly error_code: number;
  }
  interface Parameters {
    readonly timeout?: string;
    readonly tags?: Readonly<Record<string, string>>;
  }
  const http: { get(url: string, parameters?: Parameters): Answer };
  export default http;
}

declare const __ENV: Readonly<Record<string, string | undefined>>;
