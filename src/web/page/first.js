// first.js -- what the frame and the first screen are made of. The build (tools/web_embed.py) puts it and all
// that it imports into one file, which every view may use too: so the first screen is few files.
import "./cloud_switch.js";
import "./news.js";
import "./view_home.js";
