"""A site, page by page: `crawl` is the whole, `scope` which addresses belong to it, `robots` what its owner asks for,
`politeness` how fast, `frontier` what comes next, `visit` one page, `links` and `sitemap` where others are found."""
