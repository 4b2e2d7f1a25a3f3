// Whether a page may show the widget, as aivastark/widgets/origins.py decides it; here only to say so beforehand.
const LOCAL = ["localhost", "127.0.0.1", "[::1]"];

export function isAllowed(domains: readonly string[], { hostname, port }: { hostname: string; port: string }): boolean {
  if (domains.length === 0) return LOCAL.includes(hostname) || hostname.endsWith(".localhost");
  return domains.some((domain) => {
    const [, pattern = "", wanted = ""] = /^(.*?)(?::(\d+))?$/.exec(domain) ?? [];
    if (wanted !== port) return false;
    return pattern.startsWith("*.") ? hostname.endsWith(pattern.slice(1)) : hostname === pattern;
  });
}
