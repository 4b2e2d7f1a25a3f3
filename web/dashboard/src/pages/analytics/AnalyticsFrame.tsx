import type { ReactNode } from "react";

import { useProject } from "../../app/project";
import { Page, PageHeader, TabLinks } from "../../design";
import style from "./Analytics.module.css";
import { usePeriodSearch } from "./range";
import { RangePicker } from "./RangePicker";

/** The head that all pages of this area share: title, tabs and the period, which goes along from one to the next. */
export function AnalyticsFrame({ title, words, beside, children }: { title: string; words: string; beside?: ReactNode; children: ReactNode }) {
  const { id } = useProject();
  const search = usePeriodSearch();
  const base = `/projects/${id}/analytics`;
  const links = [
    { to: `${base}${search}`, label: "Overview", end: true },
    { to: `${base}/confidence${search}`, label: "Confidence" },
    { to: `${base}/gaps${search}`, label: "Gaps" },
  ];
  return (
    <Page>
      <PageHeader title={title} words={words} />
      <TabLinks label="Analytics" links={links} />
      <div className={style.controls}>
        <RangePicker />
        {beside}
      </div>
      {children}
    </Page>
  );
}
