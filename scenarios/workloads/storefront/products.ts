export interface Product {
  readonly id: string;
  readonly name: string;
  readonly cents: number;
}

/** What the shop sells; constant, so that any replica gives the same answer. */
export const PRODUCTS: readonly Product[] = [
  { id: 'axe', name: 'Fire axe', cents: 8900 },
  { id: 'blanket', name: 'Fire blanket', cents: 3450 },
  { id: 'bucket', name: 'Bucket, red', cents: 1200 },
  { id: 'extinguisher', name: 'Extinguisher, 6 kg', cents: 7400 },
  { id: 'helmet', name: 'Helmet', cents: 15900 },
  { id: 'hose', name: 'Hose, 20 m', cents: 11900 },
  { id: 'ladder', name: 'Ladder', cents: 23500 },
  { id: 'siren', name: 'Siren', cents: 6600 },
];
