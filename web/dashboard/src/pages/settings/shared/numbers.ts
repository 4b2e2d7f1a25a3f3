const whole = new Intl.NumberFormat("en");
const dollars = new Intl.NumberFormat("en", { style: "currency", currency: "USD", maximumFractionDigits: 4 });
const UNITS = ["bytes", "kB", "MB", "GB", "TB"];

/** "12,345". */
export function count(value: number): string {
  return whole.format(value);
}

/** "$0.0042", of the decimal string that the API has. */
export function money(value: string): string {
  return dollars.format(Number(value));
}

/** "1.2 MB". */
export function bytes(value: number): string {
  const step = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(value, 1)) / 3));
  return `${new Intl.NumberFormat("en", { maximumFractionDigits: 1 }).format(value / 1000 ** step)} ${UNITS[step]}`;
}
