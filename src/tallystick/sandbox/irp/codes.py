"""The portal's codes by what a caller should do about them, and what it says with the usual ones."""

from __future__ import annotations

__all__ = ["CLASSES", "said"]

CLASSES = {
    "fix-data": tuple(
        """1004 2140 2142 2143 2144 2145 2155 2156 2157 2159 2161 2162 2163 2169 2171 2172 2173 2174 2176
        2177 2178 2179 2180 2181 2182 2183 2184 2185 2186 2187 2188 2189 2190 2191 2192 2193 2194 2195
        2196 2197 2198 2199 2200 2201 2202 2203 2204 2205 2206 2207 2208 2209 2210 2211 2212 2213 2214
        2215 2216 2217 2218 2219 2220 2221 2222 2223 2224 2225 2227 2228 2229 2232 2233 2234 2235 2236
        2237 2238 2239 2240 2241 2242 2243 2244 2245 2246 2247 2248 2249 2255 2256 2258 2259 2260 2261
        2262 2263 2264 2265 2266 2267 2271 2272 2284 2323 2325 3009 3030 3038 3039 3042 3066 3074 3075
        3077 3078 3079 4006 4008 4059 5002 5003""".split()
    ),
    "auth-refresh": tuple("1005".split()),
    "auth-config": tuple(
        """1006 1007 1008 1010 1011 1012 1013 1014 1015 1016 1017 1018 1019 1020 2226 2231 2257 2300 3000
        3002 3013 3014 3015 3016 3017 3026 3031 3033 3034 3035 3036 3046 3053 3059 3064 3065 3067 3068
        3069 3072 4025 4037""".split()
    ),
    "retry": tuple("2139 2141 2146 2147 3020 3021 3043 3058 4001 4004 5001".split()),
    "state": tuple("2148 2154 2230 3001 3005 3011 4000 4003 4005 4007 4057 9999".split()),
    "duplicate": tuple("2150 2295 4002 4026".split()),
    "ewb-partial": tuple(
        """2251 2252 2253 2254 3052 4009 4010 4011 4012 4013 4014 4015 4016 4017 4018 4019 4020 4021 4022
        4023 4024 4027 4028 4029 4030 4031 4032 4033 4034 4035 4036 4038 4039 4040 4074""".split()
    ),
    "too-late": tuple("2270 2278 2283 2305 4055".split()),
    "portal-only": tuple(
        """3003 3004 3006 3007 3008 3010 3012 3019 3022 3023 3024 3025 3027 3032 3037 3044 3045 3060 3061
        3062 3063 3070 3071 3073 3080 3092 3093""".split()
    ),
    "sync-gstin": tuple("3028 3029 3076".split()),
}
"""Class, in small letters with hyphens, to codes."""

_SAID = {
    "1004": "the gstin header is missing",
    "1005": "the token is not valid",
    "1006": "the user_name header is missing",
    "1007": "the login cannot be read",
    "1010": "client id or secret is wrong",
    "1011": "the client id is missing",
    "1012": "the client secret is missing",
    "1014": "the user is not active",
    "1015": "the token was given to another taxpayer",
    "1016": "the application key cannot be used",
    "1017": "the user does not exist",
    "1018": "the client may not act for this user",
    "1019": "the password is wrong",
    "1020": "the login cannot be decrypted",
    "2140": "the request cannot be read",
    "2142": "a parameter is missing or wrong",
    "2143": "the document belongs to another taxpayer",
    "2145": "this is no registration number",
    "2148": "no details are found for this document",
    "2150": "Duplicate IRN",
    "2154": "the registration number is not found",
    "2169": "the caller is neither supplier nor operator",
    "2226": "the registration number belongs to another taxpayer",
    "2230": "an e-way bill lives for this document: cancel it first",
    "2270": "the time in which it could be cancelled has passed",
    "2278": "the number was registered and cancelled, it cannot be used again",
    "2283": "the details are no longer served here",
    "2295": "the document is registered at another portal",
    "3001": "the requested data is not available",
    "3009": "a parameter is missing",
    "3028": "the taxpayer is not in the portal's copy of the registry",
    "3030": "this is no taxpayer's number",
    "3033": "the account is frozen",
    "3034": "the account is cancelled",
    "3035": "the account is suspended",
    "4000": "the registration number is not active",
    "4002": "an e-way bill exists for this registration number",
    "4003": "the registration number is not available",
    "4005": "no e-way bill is found",
    "4009": "an e-way bill needs at least one line of goods",
    "4010": "there is no e-way bill for notes",
    "4011": "road transport needs the vehicle's number",
    "4012": "rail and air transport need the transport document's number",
    "4014": "the vehicle's number is malformed",
    "4016": "the transport document lies in the future",
    "4017": "the transport document's date is malformed",
    "4018": "the transporter's number is malformed",
    "4019": "without a mode of transport the transporter's number is needed",
    "4020": "the vehicle's type is not known",
    "4021": "the transport document is older than the invoice",
    "4022": "road transport needs the vehicle's type",
    "4023": "rail and air transport need the transport document's date",
    "4024": "over-dimensional cargo goes by road or ship",
    "4028": "vehicle or document are given without a mode of transport",
    "4029": "the distance cannot be zero between equal postal codes",
    "4031": "an export needs an address to ship to",
    "4032": "goods are shipped to a place in the country: the state cannot be 96",
    "4033": "goods are shipped to a place in the country: the postal code cannot be 999999",
    "4035": "goods leave from a place in the country: the state cannot be 96",
    "4036": "goods leave from a place in the country: the postal code cannot be 999999",
    "4037": "the data belongs to another taxpayer",
    "4038": "the distance is too great",
    "4039": "a regular vehicle does not go by ship",
    "4040": "a ship needs the vehicle's or the transport document's number",
    "4055": "the time in which the e-way bill could be cancelled has passed",
    "4057": "the e-way bill is not yours, or is cancelled",
    "4059": "the reason is not known",
    "5002": "application error",
    "5003": "Data is empty",
    "9999": "Invoice is not active",
}


def said(code: str) -> str:
    """The sentence that goes with a code."""
    return _SAID.get(code, "refused as told")
