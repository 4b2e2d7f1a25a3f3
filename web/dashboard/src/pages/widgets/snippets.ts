export interface Snippet {
  value: string;
  label: string;
  steps: readonly string[];
  code: string;
}

/** What to put where, for each kind of site. */
export function snippets(host: string, embedKey: string): readonly Snippet[] {
  const line = `<script src="${host}/widget.js" data-key="${embedKey}" defer></script>`;
  return [
    { value: "html", label: "HTML", steps: ["Paste this line into your pages, before the end of the body."], code: line },
    {
      value: "react",
      label: "React",
      steps: ["Put this once into your app, for example beside your routes.", "It loads the script after the page is idle, and takes the widget away when it is unmounted."],
      code: react(host, embedKey),
    },
    {
      value: "wordpress",
      label: "WordPress",
      steps: ["Paste this at the end of functions.php of your (child) theme, or into a plugin for code snippets."],
      code: wordpress(line),
    },
    {
      value: "shopify",
      label: "Shopify",
      steps: ["Open Online Store, Themes, Edit code.", "In layout/theme.liquid, paste this line just before </body>, and save."],
      code: line,
    },
    {
      value: "gtm",
      label: "Google Tag Manager",
      steps: ["Make a new tag of the type Custom HTML with this code.", "Choose the trigger All Pages, save and publish."],
      code: tagManager(host, embedKey),
    },
  ];
}

function react(host: string, embedKey: string): string {
  return `import { AivastarkWidget } from "@aivastark/react";

<AivastarkWidget embedKey="${embedKey}" host="${host}" />`;
}

function wordpress(line: string): string {
  return `add_action('wp_footer', function () {
    echo '${line}';
});`;
}

/** Tag Manager drops attributes of script elements that it does not know, so the script is added by hand. */
function tagManager(host: string, embedKey: string): string {
  return `<script>
  (function () {
    var script = document.createElement("script");
    script.src = "${host}/widget.js";
    script.dataset.key = "${embedKey}";
    document.head.appendChild(script);
  })();
</script>`;
}
