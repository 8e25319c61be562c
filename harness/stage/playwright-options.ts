/** What Playwright itself takes in `test.use({ ... })`, for scenarios that also drive a browser. */
export const PLAYWRIGHT_OPTIONS: readonly string[] = (
  'acceptDownloads actionTimeout baseURL browserName bypassCSP channel ' +
  'clientCertificates colorScheme connectOptions contextOptions contrast ' +
  'defaultBrowserType deviceScaleFactor extraHTTPHeaders forcedColors geolocation ' +
  'hasTouch headless httpCredentials ignoreHTTPSErrors isMobile javaScriptEnabled ' +
  'launchOptions locale navigationTimeout offline permissions proxy reducedMotion ' +
  'reuseContext screen screenshot serviceWorkers storageState testIdAttribute timezoneId ' +
  'trace userAgent video viewport'
).split(' ');
