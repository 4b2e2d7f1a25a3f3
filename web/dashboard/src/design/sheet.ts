// Stands in for react-style-singleton (see vite.config.ts): rules go into a constructed sheet, which a page without
// inline styles may have, instead of a <style> element, which it may not.
import { useEffect } from "react";

function adopt(rules: string): () => void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(rules);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  return () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== sheet);
  };
}

export function styleSingleton() {
  return function Sheet({ styles, dynamic }: { styles: string; dynamic?: boolean }): null {
    useEffect(() => adopt(styles), dynamic === true ? [styles] : []);
    return null;
  };
}
