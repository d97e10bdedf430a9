// What was done last stands over the conversation for some seconds (banner.css), so that nothing below it moves twice.
const SHOWN_FOR = 8_000;

const banners = document.querySelector("body.app .banners");
const leave = () => (banners.matches(":hover, :focus-within") ? setTimeout(leave, 1_000) : banners.remove());
if (banners) setTimeout(leave, SHOWN_FOR);
