"""The fields of WeChat's events beside the usual ones, filled in as in its documentation's examples.

https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Receiving_event_pushes.html
"""

from __future__ import annotations

from typing import Any

Fields = dict[str, Any]

_PICTURES: Fields = {
    "SendPicsInfo": {"Count": 1, "PicList": {"item": {"PicMd5Sum": "1b5f7c23b5bf75682a53e7b6d163e185"}}}
}
_TEMPLATE = "VRR0UEO9VJOLs0MHlU0OilqX6MVFDwH3_3gz3Oc0NIc"
_CARD: Fields = {"CardId": "pFS7Fjg8kV1IdDz01r4SQwMkuCKc", "UserCardCode": "12312312"}

DOCUMENTED: dict[str, Fields] = {
    "LOCATION": {"Latitude": "23.137466", "Longitude": "113.352425", "Precision": "119.385040"},
    "view_miniprogram": {"MenuId": "MENUID"},
    "scancode_push": {"ScanCodeInfo": {"ScanType": "qrcode", "ScanResult": "1"}},
    "scancode_waitmsg": {"ScanCodeInfo": {"ScanType": "qrcode", "ScanResult": "2"}},
    "pic_sysphoto": _PICTURES,
    "pic_photo_or_album": _PICTURES,
    "pic_weixin": _PICTURES,
    "location_select": {
        "SendLocationInfo": {
            "Location_X": "23",
            "Location_Y": "113",
            "Scale": "15",
            "Label": "广州市海珠区客村艺苑路 106号",
            "Poiname": "",
        }
    },
    "TEMPLATESENDJOBFINISH": {"MsgID": 200163836, "Status": "success"},
    "MASSSENDJOBFINISH": {
        "MsgID": 1000001625,
        "Status": "err(30003)",
        "TotalCount": 0,
        "FilterCount": 0,
        "SentCount": 0,
        "ErrorCount": 0,
        "CopyrightCheckResult": {"Count": 0, "ResultList": "", "CheckState": 2},
        "ArticleUrlResult": {"Count": 0, "ResultList": ""},
    },
    "PUBLISHJOBFINISH": {
        "PublishEventInfo": {
            "publish_id": 2247503051,
            "publish_status": 0,
            "article_id": "b5O2OUs25HBxRceL7hfReg-U9QGeq9zQjiDvyWP4Hq4",
            "article_detail": {"count": 1, "item": {"idx": 1, "article_url": "https://mp.weixin.qq.com/s/1"}},
        }
    },
    "subscribe_msg_popup_event": {
        "SubscribeMsgPopupEvent": {
            "List": [
                {"TemplateId": _TEMPLATE, "SubscribeStatusString": "accept", "PopupScene": 2},
                {"TemplateId": _TEMPLATE[::-1], "SubscribeStatusString": "reject", "PopupScene": 2},
            ]
        }
    },
    "subscribe_msg_change_event": {
        "SubscribeMsgChangeEvent": {"List": {"TemplateId": _TEMPLATE, "SubscribeStatusString": "reject"}}
    },
    "subscribe_msg_sent_event": {
        "SubscribeMsgSentEvent": {
            "List": {
                "TemplateId": _TEMPLATE,
                "MsgID": "1700827132819554304",
                "ErrorCode": 0,
                "ErrorStatus": "success",
            }
        }
    },
    "kf_create_session": {"KfAccount": "test1@test"},
    "kf_close_session": {"KfAccount": "test1@test", "CloseType": "KF"},
    "kf_switch_session": {"FromKfAccount": "test1@test", "ToKfAccount": "test2@test"},
    "user_info_modified": {"AppID": "wx13974bf780d3dc89", "RevokeInfo": "205"},
    "user_authorization_revoke": {"AppID": "wx13974bf780d3dc89", "RevokeInfo": "201"},
    "user_authorization_cancellation": {"AppID": "wx13974bf780d3dc89", "RevokeInfo": "0"},
    "card_pass_check": {"CardId": _CARD["CardId"]},
    "card_not_pass_check": {"CardId": _CARD["CardId"], "RefuseReason": "非法代制"},
    "card_sku_remind": {"CardId": _CARD["CardId"], "Detail": "the card's quantity is equal to 0"},
    "card_pay_order": {
        "OrderId": "404091456",
        "Status": "ORDER_STATUS_FINANCE_SUCC",
        "CreateOrderTime": 1472113412,
        "PayFinishTime": 0,
        "Desc": "",
        "FreeCoinCount": "200",
        "PayCoinCount": "0",
        "RefundFreeCoinCount": "0",
        "RefundPayCoinCount": "0",
        "OrderType": "ORDER_TYPE_SYS_ADD",
        "Memo": "开通账户奖励",
        "ReceiptInfo": "",
    },
    "user_get_card": {
        **_CARD,
        "IsGiveByFriend": 1,
        "FriendUserName": "oZ8gOwKJ",
        "OuterId": 0,
        "OldUserCardCode": "",
        "OuterStr": "",
        "IsRestoreMemberCard": 0,
        "IsRecommendByFriend": 0,
    },
    "user_gifting_card": {**_CARD, "IsReturnBack": 0, "FriendUserName": "oZ8gOwKJ", "IsChatRoom": 0},
    "user_del_card": _CARD,
    "user_consume_card": {
        **_CARD,
        "ConsumeSource": "FROM_API",
        "LocationName": "",
        "StaffOpenId": "",
        "VerifyCode": "",
        "RemarkAmount": "",
        "OuterStr": "",
    },
    "user_pay_from_pay_cell": {
        **_CARD,
        "TransId": "10022403432015000000000",
        "LocationId": 291710000,
        "Fee": "10000",
        "OriginalFee": "10000",
    },
    "user_view_card": {**_CARD, "OuterStr": "12b"},
    "user_enter_session_from_card": _CARD,
    "update_member_card": {**_CARD, "ModifyBonus": 3, "ModifyBalance": 0},
    "submit_membercard_user_info": _CARD,
}


def event_fields(event: str) -> Fields:
    """What WeChat sends with this event; nothing for one that is not known here."""
    return DOCUMENTED.get(event, {})
