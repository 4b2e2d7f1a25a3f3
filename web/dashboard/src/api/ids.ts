const BYTES = 16;

/** A random name for one thing. `crypto.randomUUID` is missing where the install is reached by plain http. */
export function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(BYTES)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
