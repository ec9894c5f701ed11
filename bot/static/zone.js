// Tells the server where this browser's clock stands, so that its pages tell times as the reader's clock does.
const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
if (timeZone) document.cookie = `shouwen_time_zone=${timeZone}; path=/; max-age=31536000; samesite=lax`;
