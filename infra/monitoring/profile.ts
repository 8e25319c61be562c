/** How closely Prometheus looks: `production` as one would run it, `drill` so that seconds can be judged. */
export type ProfileName = 'production' | 'drill';

export interface Profile {
  readonly name: ProfileName;
  /** Seconds between scrapes of what verdicts use: workload, exporter, healer, probe, receiver. */
  readonly scrapeS: number;
  /** Seconds between scrapes of kubelet, cAdvisor, API server, and what runs in kube-system. */
  readonly backgroundScrapeS: number;
  /** Seconds between evaluations of the alert rules. */
  readonly ruleS: number;
  /** Seconds between evaluations of the rules that look back for hours. */
  readonly burnRuleS: number;
  /** Whether background targets keep only the series that alerts and dashboards use. */
  readonly keepList: boolean;
  /** Seconds after which a firing alert is sent again; what fires before Alertmanager was discovered waits for it. */
  readonly alertResendS: number;
  /** Seconds between looks of the scraper at what discovery found; discovery itself reports every 5 s. */
  readonly targetReloadS: number;
  readonly retention: string;
  readonly memoryLimit: string;
}

export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  production: {
    name: 'production',
    scrapeS: 15,
    backgroundScrapeS: 15,
    ruleS: 15,
    burnRuleS: 15,
    keepList: false,
    alertResendS: 60,
    targetReloadS: 5,
    retention: '15d',
    memoryLimit: '2Gi',
  },
  drill: {
    name: 'drill',
    scrapeS: 1,
    backgroundScrapeS: 10,
    ruleS: 1,
    burnRuleS: 5,
    keepList: true,
    alertResendS: 5,
    targetReloadS: 1,
    retention: '12h',
    memoryLimit: '768Mi',
  },
};

/** The shortest range over which a rate is taken: four scrapes, so that one lost scrape leaves no hole. */
export function shortRangeS(profile: Profile): number {
  return 4 * profile.scrapeS;
}

/** How long an alert's condition has to hold: as asked, but never less than two scrapes. */
export function holdS(profile: Profile, askedS: number): number {
  return Math.max(askedS, 2 * profile.scrapeS);
}

/** What differs from production, one line each, for the journal. */
export function profileDeviations(profile: Profile): string[] {
  const production = PROFILES.production;
  return Object.entries(profile)
    .filter(([key, value]) => key !== 'name' && production[key as keyof Profile] !== value)
    .map(([key, value]) => `monitoring.${key}: ${value} instead of ${production[key as keyof Profile]}`);
}
