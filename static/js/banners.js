// @ts-check
// The latest banner covers the top of the conversation for some seconds (banner.css), so that nothing moves twice.
const SHOWN_FOR = 6_000;

const banners = document.querySelector("body.app .banners");
if (banners) setTimeout(() => banners.remove(), SHOWN_FOR);
