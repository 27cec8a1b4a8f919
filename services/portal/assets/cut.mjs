// Cuts Tabler to the rules that the pages use, and gathers the icons that they name into one sprite.
// Usage: node cut.mjs PORTAL VENDOR (the package with templates/, and the folder to write to)
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PurgeCSS } from "purgecss";

const [portal, vendor] = process.argv.slice(2);
const files = (folder, ending) =>
  readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(ending)).map((name) => join(folder, name));
const templates = files(join(portal, "templates"), ".html");
const scripts = [join(portal, "words.py"), join(portal, "static", "techdock.js")];

// A class name may also be put together in a template ("is-" ~ tone): those are ours, in techdock.css, never Tabler's.
for (const build of ["tabler", "tabler.rtl"]) {
  const [{ css }] = await new PurgeCSS().purge({
    css: [`node_modules/@tabler/core/dist/css/${build}.min.css`],
    content: [...templates, ...scripts],
  });
  writeFileSync(join(vendor, `${build}.min.css`), css);
}

const drawing = (name) => `node_modules/@tabler/icons/icons/outline/${name}.svg`;
const quoted = (text) => [...text.matchAll(/"([a-z][a-z0-9-]+)"/g)].map((hit) => hit[1]);
const known = (name) => existsSync(drawing(name));
// In Python any quoted word that is the name of an icon; in templates those inside a call that draws one.
const spoken = [join(portal, "words.py"), join(portal, "frame.py")].flatMap((file) => quoted(readFileSync(file, "utf8")));
const calls = templates.flatMap((file) => readFileSync(file, "utf8").match(/\b(?:said|empty|act)\(.*/g) ?? []);
const asked = templates.flatMap((file) => [...readFileSync(file, "utf8").matchAll(/icon(?:=|\()\s*"([a-z0-9-]+)"/g)].map((hit) => hit[1]));
const unknown = asked.filter((name) => !known(name));
if (unknown.length) throw new Error(`no such icon: ${[...new Set(unknown)].join(", ")}`);
const names = new Set([...asked, ...[...spoken, ...calls.flatMap(quoted)].filter(known)]);
const symbols = [...names].sort().map((name) => {
  const svg = readFileSync(drawing(name), "utf8");
  const shapes = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>")).replace(/\s+/g, " ").trim();
  return `<symbol id="${name}" viewBox="0 0 24 24">${shapes}</symbol>`;
});
writeFileSync(join(vendor, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`);
