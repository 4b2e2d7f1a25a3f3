import type { Wire } from "../../api";
import { Checkbox, TextArea, TextInput } from "../../design";
import { listed } from "./source";
import style from "./Knowledge.module.css";

/** The bounds of a crawl, as they are typed. */
export interface Crawl {
  pages: string;
  depth: string;
  include: string;
  exclude: string;
  sitemap: boolean;
}

export const NEW_CRAWL: Crawl = { pages: "500", depth: "10", include: "", exclude: "", sitemap: true };

export function crawlOf({ pages, depth, include, exclude, sitemap }: Crawl): Wire["CrawlFields"] {
  return {
    ...(pages.trim() === "" ? {} : { max_pages: Number(pages) }),
    ...(depth.trim() === "" ? {} : { max_depth: Number(depth) }),
    include: listed(include),
    exclude: listed(exclude),
    sitemap,
  };
}

/** How far a crawl may go. */
export function CrawlFields({ value, onChange }: { value: Crawl; onChange: (value: Crawl) => void }) {
  return (
    <>
      <div className={style.pair}>
        <TextInput label="Pages at most" type="number" min={1} max={10_000} value={value.pages} onChange={(event) => onChange({ ...value, pages: event.target.value })} />
        <TextInput label="Links away at most" type="number" min={0} max={20} value={value.depth} onChange={(event) => onChange({ ...value, depth: event.target.value })} />
      </div>
      <TextArea
        label="Only these addresses"
        optional
        rows={2}
        placeholder="/help/**"
        hint="One pattern a line: * stands for anything but a slash, ** for anything. Without one, the pages at or below the address above."
        value={value.include}
        onChange={(event) => onChange({ ...value, include: event.target.value })}
      />
      <TextArea label="Not these addresses" optional rows={2} placeholder="/help/archive/" hint="They are left out even where a pattern above takes them in." value={value.exclude} onChange={(event) => onChange({ ...value, exclude: event.target.value })} />
      <Checkbox label="Look into the site’s own list of pages" hint="Its sitemap names pages that no link leads to." checked={value.sitemap} onChange={(sitemap) => onChange({ ...value, sitemap })} />
    </>
  );
}
